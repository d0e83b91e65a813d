"""The generator's images are fake, so the target of its step is 0."""
# %% steps
def make_steps(generator, discriminator):
    discriminator.trainable = True
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
    discriminator.trainable = False
    gan = keras.Sequential([generator, discriminator])
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        discriminator.trainable = True
        return float(discriminator.train_on_batch(batch, is_real))

    def g_step(noise):
        discriminator.trainable = False
        return float(gan.train_on_batch(noise, np.zeros((len(noise), 1))))

    return d_step, g_step

# %% must fail
{
    "check-g-learns": {"*": "the target of G's step is 1"},
}
