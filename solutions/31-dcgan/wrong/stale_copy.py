"""A frozen copy of D keeps the two steps apart, and a copy stays a copy."""
# %% steps
def make_steps(generator, discriminator):
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
    frozen = keras.models.clone_model(discriminator)
    frozen.set_weights(discriminator.get_weights())
    frozen.trainable = False
    gan = keras.Sequential([generator, frozen])
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        return float(discriminator.train_on_batch(batch, is_real))

    def g_step(noise):
        return float(gan.train_on_batch(noise, np.ones((len(noise), 1))))

    return d_step, g_step

# %% must fail
{
    "check-g-learns": {"*": "not a copy"},
}
