"""A loop written with GradientTape does not depend on compile, so it runs in every Keras."""
# %% steps
def make_steps(generator, discriminator):
    import tensorflow as tf

    bce = keras.losses.BinaryCrossentropy()
    d_adam, g_adam = (keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in range(2))

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        with tf.GradientTape() as tape:
            loss = bce(is_real, discriminator(batch, training=True))
        weights = discriminator.trainable_variables
        d_adam.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return float(loss)

    def g_step(noise):
        with tf.GradientTape() as tape:
            loss = bce(np.ones((len(noise), 1)), discriminator(generator(noise, training=True)))
        weights = generator.trainable_variables
        g_adam.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return float(loss)

    return d_step, g_step

# %% must fail
{
    "check-d-learns": {"keras3_jax": "tensorflow"},
    "check-turns": {"keras3_jax": "tensorflow"},
    "check-g-learns": {"keras3_jax": "tensorflow"},
}
